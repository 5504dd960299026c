namespace Strata.Remote.Credentials;

/// <summary>Goes to every place where logins are kept: one that fails keeps nobody from the others, and is told of when all are done.</summary>
internal static class EveryPlace
{
    /// <exception cref="CredentialException">The first failure; all other places have been visited.</exception>
    public static async Task VisitAsync<T>(IEnumerable<T> places, Func<T, Task> visit)
    {
        CredentialException? failure = null;
        foreach (var place in places)
        {
            try
            {
                await visit(place);
            }
            catch (CredentialException e)
            {
                failure ??= e;
            }
        }
        if (failure is not null)
        {
            throw failure;
        }
    }
}
