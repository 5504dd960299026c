using Strata.Oci;

namespace Strata.Content.Layers;

public sealed class LayerIndex
{
    public Digest DiffId => throw new NotImplementedException();
    public long TarSize => throw new NotImplementedException();
    public int Count => throw new NotImplementedException();
    public bool SelfContained => throw new NotImplementedException();
    public LayerEntry this[int position] => throw new NotImplementedException();
    public int Find(ImagePath path) => throw new NotImplementedException();
    public (int First, int Count) Below(ImagePath directory) => throw new NotImplementedException();
    public void Write(Stream to) => throw new NotImplementedException();
    public static LayerIndex Open(string path) => throw new NotImplementedException();
    public static LayerIndex Parse(ReadOnlyMemory<byte> file) => throw new NotImplementedException();
}
