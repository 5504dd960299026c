using Microsoft.AspNetCore.Http;
using Strata.Registry.Http;

namespace Strata.Registry.Access;

/// <summary>What a request wants to do, as far as rights are concerned.</summary>
internal enum RegistryAction
{
    /// <summary>Find out whether it would be let in.</summary>
    Ping,
    Pull,
    Push,
    Delete,

    /// <summary>Learn which repositories there are.</summary>
    List,
}

/// <summary>The one table from resource and method to action; every request passes here before anything else looks at it.</summary>
internal static class RegistryActions
{
    public static RegistryAction Of(RegistryResource resource, string method)
    {
        var reads = HttpMethods.IsGet(method) || HttpMethods.IsHead(method);
        return resource switch
        {
            RegistryResource.Base => RegistryAction.Ping,
            RegistryResource.Catalog => RegistryAction.List,
            RegistryResource.Uploads or RegistryResource.Upload or RegistryResource.TagRollback => RegistryAction.Push,
            _ when reads => RegistryAction.Pull,
            _ when HttpMethods.IsDelete(method) => RegistryAction.Delete,
            _ => RegistryAction.Push,
        };
    }

    public static bool Changes(RegistryAction action) => action is RegistryAction.Push or RegistryAction.Delete;
}
