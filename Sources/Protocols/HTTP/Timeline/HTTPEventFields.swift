/// The fields of requests' events, in the order in which they are told.
enum HTTPEventFields {
    static let method = EventSelection.Name("method")
    static let target = EventSelection.Name("target")
    static let host = EventSelection.Name("host")
    static let caller = EventSelection.Name("caller")
    static let userAgent = EventSelection.Name("userAgent")
    static let status = EventSelection.Name("status")
    static let reason = EventSelection.Name("reason")
    static let interim = EventSelection.Name("interim")
    static let firstByte = EventSelection.Name("firstByte")
    static let stream = EventSelection.Name("stream")
    static let requestFields = EventSelection.Name("requestFields")
    static let responseFields = EventSelection.Name("responseFields")

    /// Those about one side's content.
    struct Content {
        let type: EventSelection.Name
        let coding: EventSelection.Name
        let bytes: EventSelection.Name
        let text: EventSelection.Name

        private init(_ side: String) {
            type = EventSelection.Name(side + "Type")
            coding = EventSelection.Name(side + "Coding")
            bytes = EventSelection.Name(side + "Bytes")
            text = EventSelection.Name(side + "Content")
        }

        static let request = Content("request")
        static let response = Content("response")
    }
}
