/// The functions that FunctionCall is used for in practice: large objects (manual §35, `pg_proc.dat`).
enum PostgresFastPath {
    private static let functions: [UInt32: (name: String, arguments: [UInt32])] = [
        715: ("lo_create", [26]), 764: ("lo_import", [25]), 765: ("lo_export", [26, 25]),
        767: ("lo_import", [25, 26]), 952: ("lo_open", [26, 23]), 953: ("lo_close", [23]),
        954: ("loread", [23, 23]), 955: ("lowrite", [23, 17]), 956: ("lo_lseek", [23, 23, 23]),
        957: ("lo_creat", [23]), 958: ("lo_tell", [23]), 964: ("lo_unlink", [26]),
        1004: ("lo_truncate", [23, 23]), 3170: ("lo_lseek64", [23, 20, 23]), 3171: ("lo_tell64", [23]),
        3172: ("lo_truncate64", [23, 20]),
    ]

    static func title(_ function: UInt32) -> String {
        functions[function].map { "\($0.name) (function \(function))" } ?? "function \(function)"
    }

    static func argumentTypes(_ function: UInt32) -> [UInt32] { functions[function]?.arguments ?? [] }

    /// Of the functions above: bytea for loread, bigint for the 64-bit ones, else integer or oid, which look alike.
    static func resultType(_ function: UInt32) -> UInt32 {
        switch function {
        case 954: 17
        case 3170, 3171: 20
        default: functions[function] == nil ? 0 : 23
        }
    }
}
