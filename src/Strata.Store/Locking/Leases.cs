using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Store;

/// <summary>
/// What this process uses and prune must leave alone: a list of names in a file of its own, next to a file that is locked as long as
/// the process lives. A lease that nobody holds was left by a process that died at work, perhaps with temporaries.
/// </summary>
internal sealed class Leases(StoreFolders folders, SpaceReserve reserve) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private FileLock? _held;
    private SafeFileHandle? _list;
    private LeaseFile? _own;
    private long _length;

    /// <summary>Whether this process has been at work on the store.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_gate)
            {
                return _held is not null;
            }
        }
    }

    /// <summary>Whether the content is leased here already, and so can't go away.</summary>
    public bool Holds(string content)
    {
        lock (_gate)
        {
            return _used.Contains(content);
        }
    }

    public bool Holds(Digest content) => Holds(content.ToString());

    /// <summary>Called under the shared <see cref="CollectionLock"/>, when the content is known to be there.</summary>
    public void Use(params ReadOnlySpan<string> contents)
    {
        lock (_gate)
        {
            Open();
            var added = new HashSet<string>(StringComparer.Ordinal);
            foreach (var content in contents)
            {
                if (!_used.Contains(content))
                {
                    added.Add(content);
                }
            }
            if (added.Count > 0)
            {
                var bytes = Encoding.ASCII.GetBytes(string.Join('\n', added) + "\n");
                Append(bytes);
                // Only now: what others can't read of is not leased.
                _used.UnionWith(added);
            }
        }
    }

    public void Use(Digest content) => Use(content.ToString());

    /// <summary>Says that this process is at work. The first time, what processes that died have left is swept away.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            Open();
        }
    }

    /// <summary>All that is leased by anybody, this process included. Called under the exclusive <see cref="CollectionLock"/>.</summary>
    public HashSet<string> AllUsed()
    {
        var all = UsedByOthers();
        lock (_gate)
        {
            all.UnionWith(_used);
        }
        return all;
    }

    /// <summary>Called under the exclusive <see cref="CollectionLock"/>.</summary>
    public HashSet<string> UsedByOthers()
    {
        var all = new HashSet<string>(StringComparer.Ordinal);
        foreach (var lease in LeaseFile.All(folders).Where(lease => lease != _own && !lease.IsAbandoned()))
        {
            all.UnionWith(lease.Read());
        }
        return all;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _own?.Delete();
            _list?.Dispose();
            _held?.Dispose();
            (_list, _held, _own) = (null, null, null);
            _used.Clear();
        }
    }

    /// <summary>A lease is a few bytes, and a full disk is no reason to be without one.</summary>
    private void Append(byte[] bytes)
    {
        for (var written = false; !written;)
        {
            try
            {
                RandomAccess.Write(_list!, bytes, _length);
                written = true;
            }
            catch (IOException e) when (StoreException.IsFull(e))
            {
                if (!reserve.Lend())
                {
                    throw StoreException.Full(folders.Root, e);
                }
            }
        }
        _length += bytes.Length;
    }

    private void Open()
    {
        if (_held is not null)
        {
            return;
        }
        try
        {
            TakeOwn();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nothing of it is kept: with a lock and no list this process would take itself to be at work.
            if (_held is not null)
            {
                _own!.Delete();
                _held.Dispose();
            }
            (_held, _own) = (null, null);
            throw e switch
            {
                LinuxException problem => StoreException.Of(folders.Root, problem),
                IOException problem when StoreException.IsFull(problem) => StoreException.Full(folders.Root, problem),
                _ => e,
            };
        }
        Sweep.Run(folders, [.. LeaseFile.All(folders).Where(lease => lease != _own)]);
    }

    private void TakeOwn()
    {
        do
        {
            _own = new LeaseFile(folders, string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}"));
            _held = FileLock.TryAcquire(_own.LockPath, exclusive: true);
        }
        while (_held is null);
        // The framework opens with locks of its own, so the list is not the locked file.
        _list = File.OpenHandle(_own.ListPath, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        _length = 0;
    }
}
