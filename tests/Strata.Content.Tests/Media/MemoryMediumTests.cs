using Strata.Content.Media;
using Strata.Testing;

namespace Strata.Content.Tests.Media;

public sealed class MemoryMediumTests : ImageMediumContract
{
    protected override Task<(IImageReader Reader, IImageWriter Writer)> CreateAsync()
    {
        var medium = new MemoryMedium();
        return Task.FromResult<(IImageReader, IImageWriter)>((medium, medium));
    }
}
