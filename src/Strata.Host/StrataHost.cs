using Strata.Host.Building;
using Strata.Host.Images;
using Strata.Host.Registries;
using Strata.Host.Running;
using Strata.Store;

namespace Strata.Host;

/// <summary>The composition of the use cases over one store, which is opened when it is first needed.</summary>
public sealed class StrataHost(HostSettings settings, HostEnvironment environment) : IDisposable
{
    private readonly Lazy<LocalStore> _store = new(() => StoreAccess.Open(settings, environment));

    private readonly Lazy<RegistryAccess> _registries = new(() => new RegistryAccess(environment));

    public LocalStore Store => _store.Value;

    public RegistryAccess Registries => _registries.Value;

    public ImageFinder Images => new(Store);

    public PullImage Pull => new(Store, Registries);

    public PushImage Push => new(Store, Registries);

    public BuildImage Build => new(Store, Pull, settings, environment);

    public ImportImage Import => new(Store);

    public LoadImages Load => new(Store);

    public SaveImages Save => new(Store);

    public CopyImages Copy => new(() => Store, Registries, environment);

    public Containers Containers => new(Store, environment);

    public RunContainer Run => new(Store, Pull, Containers, settings, environment);

    public void Dispose()
    {
        if (_registries.IsValueCreated)
        {
            _registries.Value.Dispose();
        }
        if (_store.IsValueCreated)
        {
            _store.Value.Dispose();
        }
    }
}
