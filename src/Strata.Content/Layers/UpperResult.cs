namespace Strata.Content.Layers;

/// <summary>
/// What became of an upper directory. Where <see cref="Faithful"/> holds, the directory shows what the layer does and may be kept as
/// the layer's snapshot.
/// </summary>
public readonly record struct UpperResult(int Written, int UnchangedDropped, int SocketsDropped, int IgnoredDropped, int MarksDropped)
{
    public bool Faithful => UnchangedDropped + SocketsDropped + IgnoredDropped + MarksDropped == 0;
}
