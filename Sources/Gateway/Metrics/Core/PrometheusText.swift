/// Figures of one name, as Prometheus knows them.
public struct MetricFamily: Sendable, Equatable {
    public enum Kind: String, Sendable {
        /// Only grows while the process lives.
        case counter
        case gauge
    }

    public struct Sample: Sendable, Equatable {
        public var labels: [Label]
        public var value: Double
    }

    public struct Label: Sendable, Equatable {
        public var name: StaticName
        public var value: String
    }

    public var name: StaticName
    public var kind: Kind
    public var help: StaticName
    public var samples: [Sample] = []

    public init(_ name: StaticString, _ kind: Kind, _ help: StaticString) {
        self.name = StaticName(name)
        self.kind = kind
        self.help = StaticName(help)
    }

    /// A family with a single figure.
    public init(_ name: StaticString, _ kind: Kind, _ help: StaticString, _ value: some BinaryInteger) {
        self.init(name, kind, help)
        samples = [Sample(labels: [], value: Double(value))]
    }

    public mutating func add(_ label: StaticString, _ text: String, _ value: Double) {
        samples.append(Sample(labels: [Label(name: StaticName(label), value: text)], value: value))
    }
}

/// A name that stands in the source: no peer has a say in it.
public struct StaticName: Sendable, Equatable {
    public let text: String

    public init(_ text: StaticString) { self.text = text.description }
}

/// The text format of Prometheus, version 0.0.4.
enum PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    static func encode(_ families: [MetricFamily]) -> String {
        var text = ""
        for family in families where !family.samples.isEmpty {
            text += "# HELP \(family.name.text) \(escape(family.help.text, quotes: false))\n"
            text += "# TYPE \(family.name.text) \(family.kind.rawValue)\n"
            for sample in family.samples {
                let labels = sample.labels.map { "\($0.name.text)=\"\(escape($0.value, quotes: true))\"" }
                text += family.name.text + (labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}")
                text += " \(number(sample.value))\n"
            }
        }
        return text
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map(String.init) ?? String(value)
    }

    private static func escape(_ text: String, quotes: Bool) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\"" where quotes: output += "\\\""
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
