/// The fields of statements' events, in the order in which they are told.
enum PostgresFields {
    static let parameters = EventSelection.Name("parameters")
    static let parametersLeftOut = EventSelection.Name("parametersLeftOut")
    static let tag = EventSelection.Name("tag")
    static let rows = EventSelection.Name("rows")
    static let copy = EventSelection.Name("copy")
    static let copyFormat = EventSelection.Name("copyFormat")
    static let copiedBytes = EventSelection.Name("copiedBytes")
    static let copyFailure = EventSelection.Name("copyFailure")
    static let result = EventSelection.Name("result")
    static let sent = EventSelection.Name("sent")
    static let received = EventSelection.Name("received")
    static let statement = EventSelection.Name("statement")
    static let portal = EventSelection.Name("portal")
    static let continued = EventSelection.Name("continued")
    static let suspended = EventSelection.Name("suspended")
    static let skipped = EventSelection.Name("skipped")
    static let reason = EventSelection.Name("reason")
    static let settings = EventSelection.Name("settings")
    static let notices = EventSelection.Name("notices")
    static let noticesLeftOut = EventSelection.Name("noticesLeftOut")
    static let transaction = EventSelection.Name("transaction")
    static let rolledBack = EventSelection.Name("rolledBack")
}

/// The fields of logins' events.
extension PostgresFields {
    static let user = EventSelection.Name("user")
    static let database = EventSelection.Name("database")
    static let applicationName = EventSelection.Name("applicationName")
    static let method = EventSelection.Name("method")
    static let protocolVersion = EventSelection.Name("protocolVersion")
    static let negotiatedVersion = EventSelection.Name("negotiatedVersion")
    static let encryption = EventSelection.Name("encryption")
    static let serverVersion = EventSelection.Name("serverVersion")
    static let processID = EventSelection.Name("processID")
    static let options = EventSelection.Name("options")
}
