import Glibc

/// What a killed process had appended, in a file that outlives it: the number of the last entry of each connection.
struct Progress {
    private let file: Int32

    init(_ path: String) { unsafe file = open(path + "/progress", O_RDWR | O_CREAT, 0o600) }

    func set(_ connection: Int, _ count: Int) {
        var value = UInt64(count)
        unsafe _ = pwrite(file, &value, 8, off_t(connection * 8))
    }

    func get(_ connection: Int) -> Int {
        var value: UInt64 = 0
        unsafe _ = pread(file, &value, 8, off_t(connection * 8))
        return Int(value)
    }
}
