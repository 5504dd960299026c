using System.Globalization;
using System.Runtime.InteropServices;

namespace Strata.Linux;

/// <summary>
/// The C constructor of the executable (native/entry.c): it runs before the runtime, where a process still has one
/// thread, and contains the process when its first argument is <see cref="Contain"/>.
/// </summary>
public static partial class NativeEntry
{
    /// <summary>
    /// argv[1] of a process that is to run as init of a private pid and mount namespace with a fresh /proc. argv[2] is
    /// the number of its lifeline, a pipe's read end: when the write end closes, the process and all it started are killed.
    /// Its stderr carries what the constructor has to say. The process that was started watches from outside, passes SIGTERM,
    /// SIGINT and their like on, and ends as the init does; an init gets only the signals it has a handler for.
    /// </summary>
    public const string Contain = "__contain";

    /// <summary>The exit code when the constructor could not do its work; a sentence on stderr tells why.</summary>
    public const int ContainFailed = 125;

    /// <summary>True in the published executable only.</summary>
    public static bool IsLinked { get; } = Probe();

    /// <summary>argv for <see cref="ChildProcess.Start"/>: the name, the request to contain, the lifeline's number in the child, and the rest.</summary>
    public static IReadOnlyList<string> ContainArguments(string name, int lifelineFd, params IEnumerable<string> rest) =>
        [name, Contain, lifelineFd.ToString(CultureInfo.InvariantCulture), .. rest];

    private static bool Probe()
    {
        try
        {
            return strata_entry_linked() == 1;
        }
        catch (DllNotFoundException)
        {
            return false;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("strata_entry")]
    private static partial int strata_entry_linked();
}
