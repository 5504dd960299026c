using System.Globalization;
using Strata.Content.Layers;

namespace Strata.Build;

/// <summary>A COPY makes one layer, so it takes no more files than the index of one can hold.</summary>
internal static class CopyLimit
{
    /// <param name="bytes">Of all paths and links; 0 while they are not known.</param>
    public static void Check(long files, long bytes)
    {
        if (!LayerBuilder.CanHold(files, bytes))
        {
            throw TooMany(files);
        }
    }

    public static CopyException TooMany(long files) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"{files:N0} files are more than one COPY can take, as the index of its layer would be larger than 2 GiB; ")
        + "split it into several, or exclude some in .dockerignore");
}
