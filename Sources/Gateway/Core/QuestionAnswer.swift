/// What a person may say to a question.
public enum QuestionAnswer: String, Sendable, CaseIterable {
    case allow, deny
}
