extension PostgresMessage {
    /// The server is ready for, or about to send, COPY data.
    public struct CopyResponse: Sendable, Equatable {
        /// The format of the whole; columns have formats of their own.
        public let format: PostgresFormat
        public let columnCount: Int

        public func columnFormats(in bytes: Span<UInt8>) -> PostgresFormats {
            PostgresFormats(at: PostgresMessage.headerBytes + 1, in: bytes)
        }
    }
}
