namespace Strata.Content.Media.Archives;

public enum ArchiveFormat
{
    /// <summary>An image layout, packed.</summary>
    Oci,

    /// <summary>The same with docker's own list beside it, as docker 25 and later write it: read by all that read either.</summary>
    Docker,
}
