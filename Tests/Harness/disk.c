/* Preloaded into a gateway: keeps, in POWERLOSS_SHADOW, what a power failure could not take from the files below POWERLOSS_ROOT.
 *
 * fsync(2) and fdatasync(2) make a file's bytes durable, fsync on a folder the names in it, syncfs(2) both for all files.
 * Bytes are kept by inode (data/INODE), names by path (names/PATH, which holds the inode). A kill while a page is copied
 * leaves an older and a newer part, as a disk would: the call has not returned.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *root, *shadow;

__attribute__((constructor)) static void begin(void) {
    root = getenv("POWERLOSS_ROOT");
    shadow = getenv("POWERLOSS_SHADOW");
    if (!root || !shadow) abort();
}

static void demand(int holds, const char *what) {
    if (holds) return;
    perror(what);
    abort();
}

/* Copies the pages that differ. */
static void keep_bytes(int file, const struct stat *status) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/data/%lu", shadow, (unsigned long)status->st_ino);
    int copy = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    demand(copy >= 0 && ftruncate(copy, status->st_size) == 0, path);
    if (status->st_size > 0) {
        size_t size = status->st_size;
        char *from = mmap(NULL, size, PROT_READ, MAP_SHARED, file, 0);
        char *to = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, copy, 0);
        demand(from != MAP_FAILED && to != MAP_FAILED, path);
        for (size_t at = 0; at < size; at += PAGE) {
            size_t count = size - at < PAGE ? size - at : PAGE;
            if (memcmp(from + at, to + at, count)) memcpy(to + at, from + at, count);
        }
        munmap(from, size);
        munmap(to, size);
    }
    close(copy);
}

static void keep_bytes_at(const char *path) {
    int file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    struct stat status;
    if (file >= 0 && fstat(file, &status) == 0 && S_ISREG(status.st_mode)) keep_bytes(file, &status);
    if (file >= 0) close(file);
}

static const char *below_root(const char *path) {
    size_t length = strlen(root);
    return strncmp(path, root, length) == 0 && (path[length] == '/' || !path[length]) ? path + length : NULL;
}

static void make_folders(char *path) {
    for (char *slash = strchr(path + strlen(shadow) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(path, 0700);
        *slash = '/';
    }
}

/* In one step: the process may be killed at any time. */
static void keep_name(const char *path, unsigned long inode) {
    char name[PATH_MAX], draft[PATH_MAX];
    snprintf(name, sizeof name, "%s/names%s", shadow, below_root(path));
    snprintf(draft, sizeof draft, "%s/draft", shadow);
    make_folders(name);
    FILE *file = fopen(draft, "w");
    demand(file != NULL, draft);
    fprintf(file, "%lu", inode);
    fclose(file);
    demand(rename(draft, name) == 0, name);
}

/* The names that are there are durable now, and so is it that others are not. */
static void keep_names(const char *folder) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/names%s", shadow, below_root(folder));
    DIR *kept = opendir(path);
    for (struct dirent *entry; kept && (entry = readdir(kept));) {
        if (entry->d_type != DT_REG) continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (access(path, F_OK) == 0) continue;
        snprintf(path, sizeof path, "%s/names%s/%s", shadow, below_root(folder), entry->d_name);
        unlink(path);
    }
    if (kept) closedir(kept);
    DIR *now = opendir(folder);
    for (struct dirent *entry; now && (entry = readdir(now));) {
        if (entry->d_type != DT_REG) continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        keep_name(path, entry->d_ino);
    }
    if (now) closedir(now);
}

static int keep_entry(const char *path, const struct stat *status, int type, struct FTW *unused) {
    (void)status, (void)unused;
    /* Journals are left to their own calls: a smaller promise to test against. */
    if (type == FTW_F && !strstr(path, "/journal/")) keep_bytes_at(path);
    if (type == FTW_D) keep_names(path);
    return 0;
}

static int path_of(int descriptor, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return below_root(path) != NULL;
}

static int synced(int descriptor, const char *call) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, call);
    int result = real(descriptor), error = errno;
    char path[PATH_MAX];
    struct stat status;
    if (result == 0 && path_of(descriptor, path) && fstat(descriptor, &status) == 0) {
        pthread_mutex_lock(&lock);
        if (!strcmp(call, "syncfs")) nftw(root, keep_entry, 32, FTW_PHYS);
        else if (S_ISDIR(status.st_mode)) keep_names(path);
        else keep_bytes_at(path);
        pthread_mutex_unlock(&lock);
    }
    errno = error;
    return result;
}

int fsync(int descriptor) { return synced(descriptor, "fsync"); }
int fdatasync(int descriptor) { return synced(descriptor, "fdatasync"); }
int syncfs(int descriptor) { return synced(descriptor, "syncfs"); }
