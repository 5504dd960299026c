using Strata.Content.Media;
using Strata.Content.Streams;

namespace Strata.Fuzz.Targets;

/// <summary>Reading that may end in one of the errors that media promise.</summary>
internal static class Refusable
{
    /// <summary>Null when it was refused.</summary>
    public static T? Run<T>(Func<Task<T?>> read)
        where T : class
    {
        try
        {
            return read().GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is InvalidImageException or ContentMismatchException or ContentTooLargeException)
        {
            return null;
        }
    }
}
