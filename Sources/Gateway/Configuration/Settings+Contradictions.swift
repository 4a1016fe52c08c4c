import Adapters
import Protocols
import Transport

// What no part of the file says wrongly, and the parts together do.

extension Settings {
    /// - Parameter section: the whole file.
    func check(_ section: SettingsSection) {
        for (key, example) in [("listeners", "address: 127.0.0.1:6432"), ("targets", "name: orders")]
        where section.isEmpty(key) {
            section.report(key, "there are no \(key)", "add some: \(key): and below it “- \(example)”")
        }
        checkAddresses(section)
        checkCertificates(section)
        checkFolders(section)
        checkRoutes(section)
    }

    /// Of an HTTP request it has to be clear where it goes.
    private func checkRoutes(_ section: SettingsSection) {
        let places = section.positions(in: "targets", of: "name")
        guard places.count == targets.count else { return }
        for listener in listeners where listener.protocol == .http {
            var taken: [Target.Route: String] = [:]
            for (target, place) in zip(targets, places) where listener.targets.contains(target.name) {
                if let other = taken[target.route] {
                    section.context.report(
                        place, "“\(target.name)” and “\(other)” would get the same requests at \(listener.address)",
                        "give each a path of its own: path: /\(target.name)")
                }
                taken[target.route] = target.name
            }
        }
    }

    private func checkAddresses(_ section: SettingsSection) {
        let places = section.positions(in: "listeners", of: "address")
        var taken: Set<SocketAddress> = []
        // Only a list without other problems has all its places.
        if places.count == listeners.count {
            for (listener, place) in zip(listeners, places)
            where listener.address.port != 0 && !taken.insert(listener.address).inserted {
                section.context.report(
                    place, "another listener has this address, too", "give this one another port")
            }
        }
        if let metrics, metrics.address.port != 0, taken.contains(metrics.address) {
            section.report("metrics", "clients are listened for at \(metrics.address) already", "take another port")
        }
        let urls = section.positions(in: "targets", of: "url")
        guard urls.count == targets.count else { return }
        for (target, place) in zip(targets, urls) where listeners.contains(where: { $0.isReached(by: target.url) }) {
            section.context.report(
                place, "the target “\(target.name)” is one of this gateway's own listeners",
                "write the address of the server itself")
        }
    }

    /// A pattern for certificates that nobody is asked for is a login that is missing somewhere.
    private func checkCertificates(_ section: SettingsSection) {
        guard !identities.certificates.isEmpty, !listeners.isEmpty else { return }
        guard !listeners.contains(where: { $0.tls?.clientCA != nil }) else { return }
        section.report(
            "identities", "there are patterns for certificates, and no listener asks for any",
            "add tls: clientCA: to a listener, or leave “certificates” out")
    }

    /// Whoever may read recordings must not get at the keys that sign them.
    private func checkFolders(_ section: SettingsSection) {
        guard let state, let folder = recording.folder else { return }
        guard state == folder || state.hasPrefix(folder + "/") || folder.hasPrefix(state + "/") else { return }
        section.report(
            "recording", "the recordings and the gateway's keys lie in each other's folder",
            "put “state” and recording: folder: beside each other")
    }
}

extension Settings.Listener {
    /// Whether a connection to that place on this machine would come in here.
    fileprivate func isReached(by url: Settings.Target.URL) -> Bool {
        switch url {
        case .postgres(let url) where url.isUnixSocket:
            address == .unix(path: "\(url.host)/.s.PGSQL.\(url.port)")
        case .postgres(let url): isReached(at: url.host, url.port)
        case .http(let url): isReached(at: url.host, url.port)
        }
    }

    private func isReached(at name: String, _ port: UInt16) -> Bool {
        guard address.port == port else { return false }
        let host = name == "localhost" ? "127.0.0.1" : name
        guard let place = SocketAddress(host: host, port: port) else { return false }
        return switch address {
        case .ipv4(0, _): place.isLoopback
        case .ipv6(0, _, _): place.isLoopback
        case .ipv4, .ipv6, .unix: place == address
        }
    }
}

extension SettingsSection {
    /// sun_path of sockaddr_un (unix(7)) has 108 bytes, the last one zero.
    private static var socketPathMaximum: Int { 107 }

    func checkSocketLength(_ key: String, _ path: String) {
        guard path.utf8.count > Self.socketPathMaximum else { return }
        report(
            key, "the path of a Unix socket has \(path.utf8.count) bytes",
            "\(Self.socketPathMaximum) is the most that the kernel takes: choose a folder with a shorter name")
    }
}
