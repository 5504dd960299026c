using Strata.Content.Streams;

namespace Strata.Host.Images;

/// <summary>Where bytes flow out of the store, those that are wrong are the store's.</summary>
internal static class StoredContent
{
    public const string DamageHint = "`strata system verify --repair` makes again what it can and takes away the rest; then pull or build it again";

    /// <param name="image">As the person called it.</param>
    /// <param name="reading">Reads from the store, whatever it does with it.</param>
    public static async Task<T> WholeAsync<T>(string image, Task<T> reading)
    {
        try
        {
            return await reading;
        }
        catch (ContentMismatchException e)
        {
            throw new StrataException($"{image} is damaged in the store: {e.Message}", DamageHint, e);
        }
    }
}
