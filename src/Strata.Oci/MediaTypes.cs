namespace Strata.Oci;

/// <summary>How a layer's tar is compressed, as its media type says.</summary>
public enum LayerCompression
{
    None,
    Gzip,
    Zstd,
}

/// <summary>The media types of OCI and of Docker (image-spec media-types.md), and what Strata may conclude from one.</summary>
public static class MediaTypes
{
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";
    public const string OciConfig = "application/vnd.oci.image.config.v1+json";
    public const string OciLayerTar = "application/vnd.oci.image.layer.v1.tar";
    public const string OciLayerGzip = "application/vnd.oci.image.layer.v1.tar+gzip";
    public const string OciLayerZstd = "application/vnd.oci.image.layer.v1.tar+zstd";
    public const string OciEmpty = "application/vnd.oci.empty.v1+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    public const string DockerManifestList = "application/vnd.docker.distribution.manifest.list.v2+json";
    public const string DockerConfig = "application/vnd.docker.container.image.v1+json";
    public const string DockerLayerTar = "application/vnd.docker.image.rootfs.diff.tar";
    public const string DockerLayerGzip = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    public const string DockerSchema1 = "application/vnd.docker.distribution.manifest.v1+json";
    public const string DockerSchema1Signed = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    public const string OctetStream = "application/octet-stream";

    private const string NonDistributable = ".nondistributable";

    public static bool IsManifest(string mediaType) => mediaType is OciManifest or DockerManifest;

    public static bool IsIndex(string mediaType) => mediaType is OciIndex or DockerManifestList;

    public static bool IsImageConfig(string mediaType) => mediaType is OciConfig or DockerConfig;

    public static bool IsSchema1(string mediaType) => mediaType is DockerSchema1 or DockerSchema1Signed;

    /// <summary>The compression that a layer's media type names; null when the type is no layer's.</summary>
    public static LayerCompression? LayerCompressionOf(string mediaType)
    {
        var plain = mediaType.Replace(NonDistributable, "", StringComparison.Ordinal).Replace(".foreign", "", StringComparison.Ordinal);
        return plain switch
        {
            OciLayerTar or DockerLayerTar => LayerCompression.None,
            OciLayerGzip or DockerLayerGzip => LayerCompression.Gzip,
            OciLayerZstd or "application/vnd.docker.image.rootfs.diff.tar.zstd" => LayerCompression.Zstd,
            _ => null,
        };
    }

    public static string OciLayer(LayerCompression compression) => compression switch
    {
        LayerCompression.None => OciLayerTar,
        LayerCompression.Gzip => OciLayerGzip,
        _ => OciLayerZstd,
    };
}
