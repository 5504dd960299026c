namespace Strata.Linux.Tests;

public sealed class CredentialsTests
{
    [Fact]
    public void The_user_is_the_one_the_system_tells()
    {
        Assert.Equal(Shell.Succeed("id -u").Trim(), Credentials.EffectiveUserId.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(Credentials.EffectiveUserId == 0, Credentials.IsRoot);
    }

    [Fact]
    public void Capabilities_are_those_in_the_process_status()
    {
        var line = File.ReadLines("/proc/thread-self/status").Single(l => l.StartsWith("CapEff:", StringComparison.Ordinal));
        var bits = Convert.ToUInt64(line["CapEff:".Length..].Trim(), 16);
        foreach (var capability in Enum.GetValues<Capability>())
        {
            Assert.Equal((bits & (1ul << (int)capability)) != 0, Credentials.Has(capability));
        }
    }
}
