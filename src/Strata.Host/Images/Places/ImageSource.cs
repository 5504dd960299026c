using Strata.Content.Media;
using Strata.Oci;

namespace Strata.Host.Images.Places;

/// <summary>An image where it is read.</summary>
/// <param name="Reader">What it is read from.</param>
/// <param name="Manifest">Its manifest or index.</param>
internal sealed record ImageSource(IImageReader Reader, StoredManifest Manifest)
{
    /// <summary>The name it has there.</summary>
    public Reference? Name { get; init; }

    /// <summary>The manifest was made for the reading, and is nobody's.</summary>
    public bool IsMadeUp { get; init; }

    /// <summary>Not all that an index lists need be there.</summary>
    public bool IsSparse { get; init; }

    /// <summary>Makes its layers in other forms.</summary>
    public required Func<ILayerRecoder> Recoder { get; init; }
}
