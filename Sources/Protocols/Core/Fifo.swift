/// First in, first out: an array that forgets its front in constant time on average, and its memory when it has been long.
public struct Fifo<Element> {
    /// Those before the head are `nil`: what goes is moved out, not copied.
    @usableFromInline internal var elements: [Element?] = []
    @usableFromInline internal var head = 0

    @inlinable public init() {}

    @inlinable public var count: Int { elements.count - head }
    @inlinable public var indices: Range<Int> { 0..<count }
    @inlinable public var isEmpty: Bool { count == 0 }
    @inlinable public var first: Element? { isEmpty ? nil : self[0] }

    @inlinable public var last: Element? {
        get { isEmpty ? nil : self[count - 1] }
        _modify {
            var value: Element? = isEmpty ? nil : self[count - 1]
            yield &value
            if let value { self[count - 1] = value }
        }
    }

    /// 0 is the first one.
    @inlinable public subscript(index: Int) -> Element {
        get { elements[head + index]! }
        _modify { yield &elements[head + index]! }
    }

    @inlinable public mutating func append(_ element: consuming Element) { elements.append(element) }

    /// Before the first one.
    @inlinable public mutating func prepend(_ element: consuming Element) {
        if head > 0 {
            head -= 1
            elements[head] = element
        } else {
            elements.insert(element, at: 0)
        }
    }

    @inlinable public mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        guard count > 1 else {
            let element = elements.removeLast()
            if head > 64 { elements = [] } else if head > 0 { elements.removeAll(keepingCapacity: true) }
            head = 0
            return element
        }
        let element = exchange(&elements[head], with: nil)
        head += 1
        if head >= 32, head * 2 >= elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }

    @inlinable public mutating func remove(at index: Int) { elements.remove(at: head + index) }
}

extension Fifo: Sendable where Element: Sendable {}
