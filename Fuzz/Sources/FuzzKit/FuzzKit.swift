import CFuzzer

public typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
public typealias TestOneInput = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt

/// Runs libFuzzer with the command line's arguments. A Swift executable has to call it itself, because the package
/// manager renames `main` to `<Target>_main`.
public func fuzz(_ count: CInt, _ arguments: Arguments, _ testOneInput: TestOneInput) -> CInt {
    var count = count
    var arguments = unsafe arguments
    // SAFETY: both pointers live for the call; `testOneInput` is a plain C function.
    return unsafe LLVMFuzzerRunDriver(&count, &arguments, testOneInput)
}

/// The bytes of one input.
public func input(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
    // SAFETY: libFuzzer passes `count` readable bytes that live for the call.
    unsafe Array(UnsafeBufferPointer(start: start, count: count))
}
