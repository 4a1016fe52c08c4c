import Protocols
import Testing
import WireTestKit

@Suite struct SmugglingTests {
    @Test(arguments: SmugglingCase.all)
    func `what other servers disagree about is refused, or exactly one request`(_ smuggling: SmugglingCase) {
        let story = httpStory([.bytes(smuggling.bytes, .clientToServer)])
        switch smuggling.verdict {
        case .refused:
            #expect(story.fault != nil, "read as \(story.client)")
            #expect(story.fault?.direction == .clientToServer)
        case .one(let line, let content):
            #expect(story.fault == nil)
            #expect(story.requests == [line])
            #expect(story.content == content)
        }
    }

    @Test func `the corpus has at least 150 requests, each under its own name`() {
        #expect(SmugglingCase.all.count >= 150)
        #expect(Set(SmugglingCase.all.map(\.name)).count == SmugglingCase.all.count)
    }
}
