/*
 * Runs before the .NET runtime, while the process still has one thread: namespaces can be entered and fork is safe
 * here and nowhere later.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <nss.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILED = 125 };

/* Referenced by NativeEntry.IsLinked. */
int strata_entry_linked(void);

int strata_entry_linked(void)
{
    return 1;
}

static _Noreturn void fail(const char *what)
{
    dprintf(2, "strata: %s: %s\n", what, strerror(errno));
    _exit(FAILED);
}

#ifdef STRATA_STATIC
/*
 * A static program crashes in getaddrinfo or getpwuid when nsswitch.conf names a module it would have to load. "files"
 * and "dns" are inside libc.
 */
static void pin_name_services(void)
{
    static const char *const databases[] = {
        "passwd", "group", "shadow", "gshadow", "initgroups", "aliases", "ethers", "netgroup",
        "networks", "protocols", "publickey", "rpc", "services",
    };
    for (size_t i = 0; i < sizeof databases / sizeof databases[0]; i++)
        __nss_configure_lookup(databases[i], "files");
    __nss_configure_lookup("hosts", "files dns");
}
#endif

static const int forwarded[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH };

static int open_pidfd(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* Leaves as the child did, so that whoever waits sees no difference. */
static _Noreturn void leave_like(int status)
{
    if (WIFEXITED(status))
        _exit(WEXITSTATUS(status));
    int signal_number = WTERMSIG(status);
    struct rlimit none = { 0, 0 };
    setrlimit(RLIMIT_CORE, &none);
    signal(signal_number, SIG_DFL);
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, signal_number);
    sigprocmask(SIG_UNBLOCK, &only, NULL);
    raise(signal_number);
    _exit(128 + signal_number);
}

/* Killing the init of a pid namespace kills everything in it; its mounts go with the last process. */
static _Noreturn void end_contained(pid_t child)
{
    int status;
    kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    _exit(128 + SIGKILL);
}

static void forward(int signals, pid_t child)
{
    struct signalfd_siginfo info;
    while (read(signals, &info, sizeof info) == sizeof info) {
        /* What the kernel sends (Ctrl-C, a new window size) goes to the whole process group: the child has it already. */
        if (info.ssi_code != SI_KERNEL)
            kill(child, (int)info.ssi_signo);
    }
}

/* The outer process: plain C, holds nothing open but what it watches. */
static _Noreturn void watch(pid_t child, int lifeline, int signals)
{
    int process = open_pidfd(child);
    if (process < 0) {
        int error = errno;
        kill(child, SIGKILL);
        errno = error;
        fail("cannot watch the contained process");
    }
    /* Above 2 first, so that no descriptor overwrites another that is still to be moved. */
    int kept[] = { lifeline, signals, process };
    for (int i = 0; i < 3; i++)
        if ((kept[i] = fcntl(kept[i], F_DUPFD, 3)) < 0)
            end_contained(child);
    for (int i = 0; i < 3; i++)
        dup2(kept[i], i);
    closefrom(3);

    struct pollfd watched[] = { { 0, POLLIN, 0 }, { 1, POLLIN, 0 }, { 2, POLLIN, 0 } };
    for (;;) {
        if (poll(watched, 3, -1) < 0) {
            if (errno == EINTR)
                continue;
            end_contained(child);
        }
        int status;
        if (watched[2].revents && waitpid(child, &status, 0) == child)
            leave_like(status);
        if (watched[1].revents)
            forward(1, child);
        if (watched[0].revents) {
            char ignored[64];
            if (read(0, ignored, sizeof ignored) <= 0)
                end_contained(child);
        }
    }
}

/* The inner process, pid 1 of its namespace: returns into the runtime. */
static void become_init(int outer, int lifeline, int signals, const sigset_t *mask)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        fail("cannot tie the contained process to its parent");
    /* The parent may have died before that; getppid is 0 here either way. */
    struct pollfd parent = { outer, POLLIN, 0 };
    if (poll(&parent, 1, 0) != 0)
        _exit(128 + SIGKILL);
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
        fail("cannot mount a private /proc");
    close(outer);
    close(lifeline);
    close(signals);
    sigprocmask(SIG_SETMASK, mask, NULL);
}

static int parse_descriptor(const char *text)
{
    char *end;
    errno = 0;
    long number = text == NULL ? -1 : strtol(text, &end, 10);
    if (number < 3 || number > INT_MAX || errno != 0 || *end != '\0' || fcntl((int)number, F_GETFD) < 0) {
        errno = EBADF;
        fail("__contain wants the number of an open lifeline, above 2, as its first argument");
    }
    return (int)number;
}

static void contain(const char *lifeline_argument)
{
    int lifeline = parse_descriptor(lifeline_argument);
    if (unshare(CLONE_NEWNS | CLONE_NEWPID) < 0)
        fail("cannot make a private process and mount space (this needs root)");
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        fail("cannot make the mounts private");

    sigset_t caught, before;
    sigemptyset(&caught);
    for (size_t i = 0; i < sizeof forwarded / sizeof forwarded[0]; i++)
        sigaddset(&caught, forwarded[i]);
    sigprocmask(SIG_BLOCK, &caught, &before);
    int signals = signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
    int outer = open_pidfd(getpid());
    if (signals < 0 || outer < 0)
        fail("cannot prepare to watch the contained process");

    pid_t child = fork();
    if (child < 0)
        fail("cannot start the contained process");
    if (child > 0)
        watch(child, lifeline, signals);
    become_init(outer, lifeline, signals, &before);
}

__attribute__((constructor(101))) static void strata_enter(int argc, char **argv)
{
#ifdef STRATA_STATIC
    pin_name_services();
#endif
    /* Inherited as ignored, it would make every child vanish before its status is read. */
    signal(SIGCHLD, SIG_DFL);
    if (argc > 1 && strcmp(argv[1], "__contain") == 0)
        contain(argc > 2 ? argv[2] : NULL);
}
