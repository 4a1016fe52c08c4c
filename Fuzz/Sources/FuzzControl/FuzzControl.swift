public import FuzzKit
import WireTestKit

@_cdecl("FuzzControl_main")
public func entry(_ count: CInt, _ arguments: Arguments) -> CInt {
    unsafe fuzz(count, arguments) { start, length in
        let violation = unsafe ControlProperties.violation(input(start, length))
        if let violation { fatalError(violation) }
        return 0
    }
}
