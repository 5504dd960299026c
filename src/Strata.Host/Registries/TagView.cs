using Strata.Oci;

namespace Strata.Host.Registries;

/// <summary>A tag as it is in a registry.</summary>
/// <param name="Manifest">Null when it was not asked for, or is gone meanwhile.</param>
/// <param name="ContentSize">Config and layers as the registry keeps them, in bytes; null for an index of several platforms.</param>
public sealed record TagView(Tag Tag, Descriptor? Manifest, long? ContentSize);
