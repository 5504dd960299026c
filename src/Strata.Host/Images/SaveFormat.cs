namespace Strata.Host.Images;

/// <summary>What images are saved as.</summary>
public enum SaveFormat
{
    /// <summary>A tar that docker, podman and every reader of OCI archives take.</summary>
    DockerArchive,

    /// <summary>An image layout in a tar, without docker's lists.</summary>
    OciArchive,

    /// <summary>An image layout in a folder.</summary>
    OciFolder,
}
