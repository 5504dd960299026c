using Strata.Linux;

namespace Strata.Store;

/// <summary>
/// Space that is set aside while there is some, so that a disk that has run full can still be emptied: taking rows away takes
/// room in the database's log, and on some file systems the last byte is gone before anybody notices. Those who remove give it up
/// first; it is made again by whoever closes the store when there's room.
/// </summary>
internal sealed class SpaceReserve(StoreFolders folders)
{
    /// <summary>What the database's log may take before it begins anew (4 MiB), and as much again for one large change.</summary>
    private const long Whole = 8L << 20;
    private const long Least = 64L << 10;

    /// <summary>On a small disk no more than this part of what is free.</summary>
    private const int Part = 8;
    private const long OneLoan = 64L << 10;

    /// <summary>How large it was before it was given up here.</summary>
    private long _before;

    /// <summary>Makes it, or what is missing of it, where there is room. Never fails: a store without it works as well.</summary>
    public void Fill()
    {
        try
        {
            var there = Size();
            var room = HostFile.FreeBytes(folders.Root) + there;
            // What was given up here is taken back before anybody else counts on it.
            var wanted = Math.Max(Math.Min(Whole, room / Part), Math.Min(_before, room));
            if (there >= (_before > 0 ? wanted : wanted / 2) || (wanted < Least && _before == 0))
            {
                return;
            }
            using var file = File.OpenHandle(folders.Reserve, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
            if (!HostFile.Allocate(file, wanted))
            {
                File.Delete(folders.Reserve);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Full or read-only: somebody else's turn.
        }
    }

    /// <summary>Gives it up where the disk is nearly full, or where <paramref name="isFull"/> says that it is. True when that gave anything.</summary>
    public bool Release(bool isFull = false)
    {
        var there = Size();
        if (there == 0 || (!isFull && HostFile.FreeBytes(folders.Root) >= Whole))
        {
            return false;
        }
        try
        {
            _before = Math.Max(_before, there);
            File.Delete(folders.Reserve);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What was to be written then says why not.
            return false;
        }
    }

    /// <summary>Gives up a small part of it, for a note that a process at work has to make. False when there is nothing left.</summary>
    public bool Lend()
    {
        var there = Size();
        if (there < OneLoan)
        {
            return false;
        }
        try
        {
            using var file = File.OpenHandle(folders.Reserve, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            RandomAccess.SetLength(file, there - OneLoan);
            _before = Math.Max(_before, there);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process has just given up the whole of it.
            return false;
        }
    }

    private long Size() => HostFile.Status(folders.Reserve, follow: false)?.Size ?? 0;
}
