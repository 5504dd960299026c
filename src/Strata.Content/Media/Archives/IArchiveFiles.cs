namespace Strata.Content.Media.Archives;

/// <summary>The files of an archive by name.</summary>
internal interface IArchiveFiles : IDisposable
{
    /// <summary>Through links where the name is one; null when the archive has no such file.</summary>
    ArchiveMember? Find(string name);

    /// <summary>May be called by several threads at once. The caller disposes the stream.</summary>
    Stream Open(ArchiveMember member);
}
