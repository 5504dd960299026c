using Strata.Oci;

namespace Strata.Remote.Configuration;

/// <summary>A place where a repository's images are to be had.</summary>
/// <param name="Registry">Host and port, or <c>docker.io</c>.</param>
internal sealed record RegistryRoute(string Registry, RepositoryName Repository, bool IsInsecure, MirrorUse Use = MirrorUse.All);
