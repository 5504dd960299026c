namespace Strata.Dockerfile;

internal static class ExpandedWords
{
    /// <summary>The words of an instruction that are expanded before they are used.</summary>
    public static IEnumerable<string> Of(Instruction instruction) => instruction switch
    {
        EnvInstruction env => env.Variables.SelectMany(variable => new[] { variable.Key, variable.Value }),
        LabelInstruction label => label.Labels.SelectMany(pair => new[] { pair.Key, pair.Value }),
        ArgInstruction arg => arg.Declarations.Select(declaration => declaration.Default).OfType<string>(),
        CopyInstruction copy => Files(copy),
        AddInstruction add => Files(add).Append(add.Checksum ?? ""),
        ExposeInstruction expose => expose.Ports,
        VolumeInstruction volume => volume.Paths,
        UserInstruction user => [user.User],
        WorkdirInstruction workdir => [workdir.Path],
        StopSignalInstruction signal => [signal.Signal],
        RunInstruction run => run.Mounts.SelectMany(mount => mount.Fields).Select(field => field.Value).OfType<string>(),
        _ => [],
    };

    private static IEnumerable<string> Files(FileInstruction instruction) =>
        instruction.Sources.Append(instruction.Destination).Append(instruction.Chown ?? "").Append(instruction.Chmod ?? "");
}
