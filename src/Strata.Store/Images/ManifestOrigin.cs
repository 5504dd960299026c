namespace Strata.Store;

public enum ManifestOrigin
{
    /// <summary>Came with the image.</summary>
    Received = 0,

    /// <summary>Was made here, for an image that was built here.</summary>
    Made = 1,
}
