using System.Text.Json;
using Strata.Runtime.Spec;

namespace Strata.Runtime.Tests.Spec;

/// <summary>config.json against the runtime specification (config.md, config-linux.md).</summary>
public sealed class SpecWriterTests
{
    private static readonly ContainerSpec Plain = new() { Arguments = ["/bin/true"], Hostname = "inside" };

    private static JsonElement Write(ContainerSpec container, string? controlGroup = null)
    {
        var mounts = SpecWriter.KernelMounts(container.Security, controlGroups: true);
        var spec = SpecWriter.Write(container, "/work", mounts, controlGroup);
        return JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(spec, RuntimeJson.Plain.OciSpec)).RootElement;
    }

    private static string[] Strings(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetString()!)];

    private static string[] Names(JsonElement element) => [.. element.EnumerateObject().Select(property => property.Name)];

    [Fact]
    public void Every_property_is_one_the_schema_names()
    {
        var schema = JsonDocument.Parse(File.ReadAllBytes(Testing.TestData.Path("oci-schemas", "runtime-spec", "schema", "config-schema.json"))).RootElement;
        var linux = JsonDocument.Parse(File.ReadAllBytes(Testing.TestData.Path("oci-schemas", "runtime-spec", "schema", "config-linux.json"))).RootElement;
        var spec = Write(Plain with { Terminal = true, TerminalSize = new TerminalSize(80, 24), Limits = [new("RLIMIT_NOFILE", 10, 20)] }, "/strata/x");
        var properties = schema.GetProperty("properties");
        Assert.Empty(Names(spec).Except(Names(properties)));
        var process = Names(properties.GetProperty("process").GetProperty("properties"));
        Assert.Equal(9, Names(spec.GetProperty("process")).Length);
        Assert.Empty(Names(spec.GetProperty("process")).Except(process));
        Assert.Empty(Names(spec.GetProperty("linux")).Except(Names(linux.GetProperty("linux").GetProperty("properties"))));
        Assert.Empty(schema.GetProperty("required").EnumerateArray().Select(name => name.GetString()!).Except(Names(spec)));
    }

    [Fact]
    public void A_sandbox_has_dockers_capabilities_and_none_to_inherit()
    {
        var capabilities = Write(Plain, "/strata/x").GetProperty("process").GetProperty("capabilities");
        Assert.Equal(["bounding", "effective", "permitted"], Names(capabilities));
        Assert.Equal(14, Strings(capabilities.GetProperty("bounding")).Length);
        Assert.Equal(Strings(capabilities.GetProperty("bounding")), Strings(capabilities.GetProperty("effective")));
        Assert.DoesNotContain("CAP_SYS_ADMIN", Strings(capabilities.GetProperty("bounding")));
    }

    [Fact]
    public void Only_with_a_control_group_that_watches_devices_may_nodes_be_made()
    {
        static string[] Of(string? controlGroup) => Strings(Write(Plain, controlGroup).GetProperty("process").GetProperty("capabilities").GetProperty("bounding"));
        Assert.Equal(["CAP_MKNOD"], Of("/strata/x").Except(Of(null)));
    }

    [Fact]
    public void An_ordinary_user_has_no_effective_capability_but_all_its_groups()
    {
        var process = Write(Plain with { User = new UserIdentity(7, 8, [8, 9], null) }, "/strata/x").GetProperty("process");
        Assert.Empty(Strings(process.GetProperty("capabilities").GetProperty("effective")));
        Assert.Equal(14, Strings(process.GetProperty("capabilities").GetProperty("bounding")).Length);
        Assert.Equal("""{"uid":7,"gid":8,"additionalGids":[8,9]}""", process.GetProperty("user").GetRawText());
    }

    [Fact]
    public void Path_home_and_term_are_given_only_where_they_are_missing()
    {
        static string[] Of(ContainerSpec spec) => Strings(Write(spec).GetProperty("process").GetProperty("env"));
        Assert.Equal(["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "A=1", "HOME=/root"], Of(Plain with { Environment = ["A=1"] }));
        Assert.Equal(
            ["PATH=/x", "HOME=/h", "TERM=xterm"],
            Of(Plain with { Environment = ["PATH=/x", "HOME=/h"], Terminal = true }));
        Assert.Contains("HOME=/", Of(Plain with { User = new UserIdentity(7, 7, [7], null) }));
    }

    [Fact]
    public void Only_a_container_without_network_gets_a_network_of_its_own()
    {
        static IEnumerable<string> Of(NetworkMode mode) => Write(Plain with { Network = mode })
            .GetProperty("linux").GetProperty("namespaces").EnumerateArray().Select(item => item.GetProperty("type").GetString()!);
        Assert.Equal(["pid", "ipc", "uts", "mount", "cgroup"], Of(NetworkMode.Host));
        Assert.Equal(["pid", "ipc", "uts", "mount", "cgroup", "network"], Of(NetworkMode.None));
    }

    [Fact]
    public void User_namespaces_and_the_loading_of_modules_are_refused_on_every_architecture_of_the_processor()
    {
        var seccomp = Write(Plain).GetProperty("linux").GetProperty("seccomp");
        Assert.Equal("SCMP_ACT_ALLOW", seccomp.GetProperty("defaultAction").GetString());
        Assert.True(seccomp.GetProperty("architectures").GetArrayLength() >= 2);
        var rules = seccomp.GetProperty("syscalls").EnumerateArray().ToList();
        Assert.Contains("finit_module", Strings(rules[0].GetProperty("names")));
        Assert.Equal("""[{"index":0,"value":268435456,"valueTwo":268435456,"op":"SCMP_CMP_MASKED_EQ"}]""", rules[1].GetProperty("args").GetRawText());
        Assert.Equal(38u, rules[2].GetProperty("errnoRet").GetUInt32());
    }

    [Fact]
    public void Capabilities_are_added_and_dropped_by_dockers_rule()
    {
        static string[] Of(string[] added, string[] dropped) => Strings(
            Write(Plain with { AddedCapabilities = added, DroppedCapabilities = dropped }, "/strata/x").GetProperty("process").GetProperty("capabilities").GetProperty("bounding"));
        var usual = Of([], []);
        Assert.Equal(usual.Append("CAP_NET_ADMIN"), Of(["CAP_NET_ADMIN"], []));
        Assert.Equal(usual.Except(["CAP_KILL"]), Of([], ["CAP_KILL"]));
        Assert.Equal(["CAP_CHOWN"], Of(["CAP_CHOWN"], ["ALL"]));
        Assert.Empty(Of([], ["ALL"]));
        Assert.DoesNotContain("CAP_KILL", Of(["ALL"], ["CAP_KILL"]));
    }

    [Fact]
    public void A_capability_opens_the_calls_that_it_is_for()
    {
        static JsonElement[] Of(params string[] added) =>
            [.. Write(Plain with { AddedCapabilities = added }).GetProperty("linux").GetProperty("seccomp").GetProperty("syscalls").EnumerateArray()];
        Assert.DoesNotContain("settimeofday", Strings(Of("CAP_SYS_TIME")[0].GetProperty("names")));
        Assert.Contains("mount", Strings(Of("CAP_SYS_TIME")[0].GetProperty("names")));
        var administration = Assert.Single(Of("CAP_SYS_ADMIN"));
        Assert.DoesNotContain("mount", Strings(administration.GetProperty("names")));
        Assert.Contains("finit_module", Strings(administration.GetProperty("names")));
    }

    [Fact]
    public void An_insecure_step_has_nothing_masked_or_refused()
    {
        var linux = Write(Plain with { Security = SecurityMode.Insecure }).GetProperty("linux");
        Assert.DoesNotContain("seccomp", Names(linux));
        Assert.DoesNotContain("maskedPaths", Names(linux));
        Assert.Contains("maskedPaths", Names(Write(Plain).GetProperty("linux")));
    }

    [Fact]
    public void Limits_are_only_lowered()
    {
        const string Own = """
            Limit                     Soft Limit           Hard Limit           Units
            Max open files            1024                 20000                files
            Max core file size        0                    unlimited            bytes
            """;
        Assert.Equal(
            [new("RLIMIT_NOFILE", 20000, 20000), new("RLIMIT_CORE", ulong.MaxValue, 5), new("RLIMIT_NOFILE", 100, 50)],
            ProcessLimits.Lower([new("RLIMIT_NOFILE", 65536, 65536), new("RLIMIT_CORE", 5, ulong.MaxValue), new("RLIMIT_NOFILE", 50, 100)], Own));
        Assert.Throws<OciRuntimeException>(() => ProcessLimits.Lower([new("RLIMIT_FOO", 1, 1)], Own));
    }
}
