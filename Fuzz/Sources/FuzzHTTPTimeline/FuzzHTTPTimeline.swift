public import FuzzKit
import WireTestKit

@_cdecl("FuzzHTTPTimeline_main")
public func entry(_ count: CInt, _ arguments: Arguments) -> CInt {
    unsafe fuzz(count, arguments) { start, length in
        let violation = unsafe HTTPTimelineProperties.violation(input(start, length))
        if let violation { fatalError(violation) }
        return 0
    }
}
