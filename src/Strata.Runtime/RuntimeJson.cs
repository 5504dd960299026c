using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Strata.Linux;
using Strata.Runtime.Bundles;
using Strata.Runtime.Containers;
using Strata.Runtime.Spec;
using Strata.Runtime.Steps;

namespace Strata.Runtime;

[JsonSerializable(typeof(OciSpec))]
[JsonSerializable(typeof(BundleRequest))]
[JsonSerializable(typeof(StepOutcome))]
[JsonSerializable(typeof(MonitorRequest))]
[JsonSerializable(typeof(MonitorReady))]
[JsonSerializable(typeof(ContainerStart))]
[JsonSerializable(typeof(ContainerExit))]
internal sealed partial class RuntimeJson : JsonSerializerContext
{
    /// <summary>Text as it is: nothing of this is put into a web page.</summary>
    internal static RuntimeJson Plain { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters =
        {
            new JsonStringEnumConverter<OciRuntimeKind>(),
            new JsonStringEnumConverter<OverlayFlavor>(),
            new JsonStringEnumConverter<NetworkMode>(),
            new JsonStringEnumConverter<SecurityMode>(),
        },
    });
}
