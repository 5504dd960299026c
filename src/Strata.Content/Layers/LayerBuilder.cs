using Microsoft.Win32.SafeHandles;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Content.Layers;

public sealed class LayerBuilder : IDisposable
{
    public LayerBuilder(Stream tar, FileTime? clampModified) => throw new NotImplementedException();
    public void AddDirectory(LayerEntry entry) => throw new NotImplementedException();
    public void AddSymbolicLink(LayerEntry entry) => throw new NotImplementedException();
    public void AddHardLink(LayerEntry entry) => throw new NotImplementedException();
    public void AddNode(LayerEntry entry) => throw new NotImplementedException();
    public void AddWhiteout(ImagePath hidden) => throw new NotImplementedException();
    public void AddOpaque(ImagePath directory) => throw new NotImplementedException();
    public Digest AddFile(LayerEntry header, SafeFileHandle content) => throw new NotImplementedException();
    public Digest AddFile(LayerEntry header, Stream content) => throw new NotImplementedException();
    public LayerIndex Complete() => throw new NotImplementedException();
    public void Dispose() => throw new NotImplementedException();
}
