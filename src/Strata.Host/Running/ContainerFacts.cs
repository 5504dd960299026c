using Strata.Runtime;
using Strata.Store;

namespace Strata.Host.Running;

/// <summary>All that is known of a container.</summary>
/// <param name="Spec">How it runs; null where it never came so far.</param>
public sealed record ContainerFacts(ContainerView View, ContainerSpec? Spec)
{
    /// <summary>Null: there is no such container.</summary>
    /// <exception cref="StrataException">There are several.</exception>
    public static ContainerFacts? Find(LocalStore store, Containers containers, string text)
    {
        if (store.Containers.Find(text) is ContainerLookup.NotFound)
        {
            return null;
        }
        var view = containers.Get(text);
        return new ContainerFacts(view, new ContainerDirectory(store.Containers.DirectoryOf(view.Record.Id)).Spec());
    }
}
