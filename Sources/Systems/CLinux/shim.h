// What Swift's Glibc module leaves out of Linux, and the one CPU instruction that the recorder counts on.
//
// _GNU_SOURCE stays undefined: it changes fd_set and others, and Swift refuses two definitions of one type (Glibc's module
// is built without it). What glibc declares only under _GNU_SOURCE is declared below, as in its manual pages.
#pragma once
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <pwd.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef _GNU_SOURCE
struct ucred { pid_t pid; uid_t uid; gid_t gid; };
extern int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
extern int fallocate(int descriptor, int mode, off_t offset, off_t length);
extern int memfd_create(const char *name, unsigned int flags);
extern int pipe2(int ends[2], int flags);
extern int pthread_setname_np(pthread_t thread, const char *name);
extern int sched_getaffinity(pid_t process, size_t length, cpu_set_t *processors);
extern int sync_file_range(int descriptor, off_t offset, off_t length, unsigned int flags);
extern int syncfs(int descriptor);
extern pid_t gettid(void);
#endif
#ifndef F_OFD_GETLK
#define F_OFD_GETLK 36
#define F_OFD_SETLK 37
#endif
#ifndef MFD_CLOEXEC
#define MFD_CLOEXEC 1U
#endif

#if defined(__x86_64__)
static inline uint64_t wt_word(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    return word;
}
/// Three stretches of 1 KiB at once: the instruction takes three cycles, and another may begin in each of them. The first two
/// checksums are moved behind what follows them, by a product with x^(8n - 33) modulo the polynomial, reflected. The next
/// stretches are asked for meanwhile: what another core has written comes a third faster.
__attribute__((target("sse4.2,pclmul")))
static inline uint32_t wt_crc32c_hardware(uint32_t crc, const uint8_t *bytes, size_t count) {
    typedef long long pair __attribute__((vector_size(16)));
    const size_t n = 1024;
    uint64_t first = crc;
    for (; count >= 3 * n; bytes += 3 * n, count -= 3 * n) {
        uint64_t second = 0, third = 0;
        for (size_t at = 0; at < n; at += 8) {
            if (at % 64 == 0)
                for (size_t next = 3; next < 6; next++) __builtin_prefetch(bytes + next * n + at);
            first = __builtin_ia32_crc32di(first, wt_word(bytes + at));
            second = __builtin_ia32_crc32di(second, wt_word(bytes + n + at));
            third = __builtin_ia32_crc32di(third, wt_word(bytes + 2 * n + at));
        }
        pair moved = __builtin_ia32_pclmulqdq128((pair){(long long)first}, (pair){0xa51b6135}, 0)
            ^ __builtin_ia32_pclmulqdq128((pair){(long long)second}, (pair){0x170076fa}, 0);
        first = third ^ __builtin_ia32_crc32di(0, (uint64_t)moved[0]);
    }
    for (; count >= 8; bytes += 8, count -= 8) first = __builtin_ia32_crc32di(first, wt_word(bytes));
    crc = (uint32_t)first;
    while (count--) crc = __builtin_ia32_crc32qi(crc, *bytes++);
    return crc;
}
static inline int wt_crc32c_in_hardware(void) {
    return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul");
}
#else
static inline uint32_t wt_crc32c_hardware(uint32_t crc, const uint8_t *bytes, size_t count) {
    (void)bytes, (void)count;
    return crc;
}
static inline int wt_crc32c_in_hardware(void) { return 0; }
#endif

/// The environment that children inherit; Swift 6 refuses the bare global.
static inline char *const *wt_environment(void) { return __environ; }

/// Bytes that the kernel holds for the peer of a socket, tcp(7) SIOCOUTQ; Swift imports no variadic function.
static inline int wt_unacknowledged_bytes(int socket) {
    int count = 0;
    return ioctl(socket, SIOCOUTQ, &count) == 0 ? count : 0;
}
