using Strata.Content.Layers;
using Strata.Content.Streams;

namespace Strata.Build;

/// <summary>
/// Takes the files of an image in whatever order its layers give them and writes them in the order of the new layer.
/// Most come in that order and go straight through; the others wait in a temporary file.
/// </summary>
internal sealed class ImageContentSink : IDisposable
{
    private readonly IReadOnlyList<PlannedEntry> _entries;
    private readonly LayerBuilder _builder;
    private readonly string _temporaryDirectory;
    private readonly Dictionary<(int Layer, int Position), int> _uses = [];
    private readonly Dictionary<(int Layer, int Position), (long Offset, long Length)> _waiting = [];
    private FileStream? _spool;
    private int _next;

    public ImageContentSink(IReadOnlyList<PlannedEntry> entries, LayerBuilder builder, string temporaryDirectory)
    {
        _entries = entries;
        _builder = builder;
        _temporaryDirectory = temporaryDirectory;
        foreach (var entry in entries)
        {
            if (KeyOf(entry) is { } key)
            {
                _uses[key] = _uses.GetValueOrDefault(key) + 1;
            }
        }
    }

    public void Receive(int layer, int position, Stream content)
    {
        Advance();
        var key = (layer, position);
        if (_next < _entries.Count && KeyOf(_entries[_next]) == key && _uses[key] == 1)
        {
            Write(_entries[_next++], content);
            return;
        }
        _spool ??= TemporaryFile.Create(_temporaryDirectory);
        _spool.Seek(0, SeekOrigin.End);
        var offset = _spool.Position;
        content.CopyTo(_spool);
        _waiting[key] = (offset, _spool.Position - offset);
    }

    /// <summary>Writes what is left; everything must have come.</summary>
    public void Finish()
    {
        Advance();
        if (_next < _entries.Count)
        {
            throw new InvalidDataException($"{_entries[_next].Source!.Path}: its layer did not give its content.");
        }
    }

    public void Dispose() => _spool?.Dispose();

    private static (int Layer, int Position)? KeyOf(PlannedEntry entry) =>
        entry.Source is { Layer: >= 0 } source ? (source.Layer, source.Position) : null;

    private void Advance()
    {
        for (; _next < _entries.Count; _next++)
        {
            var entry = _entries[_next];
            if (KeyOf(entry) is not { } key)
            {
                LayerAssembler.WritePlain(entry, _builder);
            }
            else if (_waiting.TryGetValue(key, out var place))
            {
                using var content = new FileSliceStream(_spool!.SafeFileHandle, place.Offset, place.Length);
                _spool.Flush();
                Write(entry, content);
            }
            else
            {
                return;
            }
        }
    }

    private void Write(PlannedEntry entry, Stream content)
    {
        if (_builder.AddFile(entry.Header, content) != entry.Content!.Digest)
        {
            throw new InvalidDataException($"{entry.Source!.Path}: its layer holds other bytes than its index says.");
        }
    }
}
