using System.Text;

namespace Strata.Dockerfile;

/// <summary>Rules about single instructions and about what a stage has already said.</summary>
internal static class InstructionLints
{
    public static void Check(LintContext context)
    {
        foreach (Instruction instruction in context.Instructions)
        {
            if (instruction is MaintainerInstruction)
            {
                context.Report(
                    LintRules.MaintainerDeprecated, instruction, "Maintainer instruction is deprecated in favor of using label");
            }
        }

        foreach (ArgInstruction arg in context.Dockerfile.GlobalArgs)
        {
            CheckSecrets(context, arg, "ARG", arg.Declarations.Select(declaration => declaration.Name));
        }

        var states = new Dictionary<int, StageState>();
        foreach (Stage stage in context.Dockerfile.Stages)
        {
            states[stage.Index] = CheckStage(context, stage, states);
        }
    }

    private static StageState CheckStage(LintContext context, Stage stage, Dictionary<int, StageState> states)
    {
        bool reports = context.Options.Stages?.Contains(stage.Index) is not false;
        StageState state = StageBase.Find(context, stage) is { } parent ? states[parent.Index] with { } : new StageState();
        var last = new Dictionary<string, Instruction>(StringComparer.Ordinal);
        foreach (Instruction instruction in stage.Instructions)
        {
            if (reports)
            {
                CheckRepeated(context, instruction, last);
                CheckInstruction(context, instruction, state);
            }

            state = instruction switch
            {
                ShellInstruction => state with { HasShell = true },
                WorkdirInstruction => state with { HasWorkdir = true },
                _ => state,
            };
        }

        return state;
    }

    private static void CheckInstruction(LintContext context, Instruction instruction, StageState state)
    {
        switch (instruction)
        {
            case CmdInstruction { CommandLine: CommandLine.Shell } when !state.HasShell:
                ReportShellForm(context, instruction, "CMD");
                break;
            case EntrypointInstruction { CommandLine: CommandLine.Shell } when !state.HasShell:
                ReportShellForm(context, instruction, "ENTRYPOINT");
                break;
            // What a variable holds is not known here; it gets the benefit of the doubt.
            case WorkdirInstruction { Path: [not ('/' or '$' or '"' or '\''), ..] } workdir when !state.HasWorkdir:
                context.Report(
                    LintRules.WorkdirRelativePath,
                    instruction,
                    $"Relative workdir {GoQuote.Quote(workdir.Path)} can have unexpected results if the base image changes");
                break;
            case EnvInstruction env:
                ReportLegacyForm(context, env, env.IsLegacyForm, "ENV");
                CheckSecrets(context, env, "ENV", env.Variables.Select(variable => variable.Key));
                break;
            case LabelInstruction label:
                ReportLegacyForm(context, label, label.IsLegacyForm, "LABEL");
                break;
            case ArgInstruction arg:
                CheckSecrets(context, arg, "ARG", arg.Declarations.Select(declaration => declaration.Name));
                break;
            case ExposeInstruction expose:
                CheckPorts(context, expose);
                break;
            case AddInstruction add:
                CheckIgnored(context, add, "Add");
                break;
            case CopyInstruction { From: null } copy:
                CheckIgnored(context, copy, "Copy");
                break;
        }
    }

    private static void ReportShellForm(LintContext context, Instruction instruction, string keyword) => context.Report(
        LintRules.JsonArgsRecommended,
        instruction,
        $"JSON arguments recommended for {keyword} to prevent unintended behavior related to OS signals");

    private static void ReportLegacyForm(LintContext context, Instruction instruction, bool isLegacy, string keyword)
    {
        if (isLegacy)
        {
            context.Report(
                LintRules.LegacyKeyValueFormat,
                instruction,
                $"\"{keyword} key=value\" should be used instead of legacy \"{keyword} key value\" format");
        }
    }

    private static void CheckRepeated(LintContext context, Instruction instruction, Dictionary<string, Instruction> last)
    {
        string? keyword = instruction switch
        {
            CmdInstruction => "CMD",
            EntrypointInstruction => "ENTRYPOINT",
            HealthCheckInstruction => "HEALTHCHECK",
            _ => null,
        };
        if (keyword is null)
        {
            return;
        }

        if (last.TryGetValue(keyword, out Instruction? earlier))
        {
            context.Report(
                LintRules.MultipleInstructionsDisallowed,
                earlier,
                $"Multiple {keyword} instructions should not be used in the same stage because only the last one will be used");
        }

        last[keyword] = instruction;
    }

    private static void CheckSecrets(LintContext context, Instruction instruction, string keyword, IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            string[] words = name.ToLowerInvariant().Split('_');
            bool secret = words.Any(word => word is "apikey" or "auth" or "credential" or "credentials" or "key"
                or "password" or "pword" or "passwd" or "secret" or "token");
            if (secret && !words.Any(word => word is "public" or "file" or "version"))
            {
                context.Report(
                    LintRules.SecretsUsedInArgOrEnv,
                    instruction,
                    $"Do not use ARG or ENV instructions for sensitive data ({keyword} {GoQuote.Quote(name)})");
            }
        }
    }

    private static void CheckPorts(LintContext context, ExposeInstruction expose)
    {
        foreach (string port in expose.Ports.Where(port => !port.Contains('$', StringComparison.Ordinal)))
        {
            int slash = port.IndexOf('/', StringComparison.Ordinal);
            if (port.AsSpan(slash + 1).ContainsAnyInRange('A', 'Z') && slash >= 0)
            {
                context.Report(
                    LintRules.ExposeProtoCasing, expose, $"Defined protocol '{port}' in EXPOSE instruction should be lowercase");
            }

            if (port.Contains(':', StringComparison.Ordinal))
            {
                context.Report(
                    LintRules.ExposeInvalidFormat,
                    expose,
                    $"EXPOSE instruction should not define an IP address or host-port mapping, found '{port}'");
            }
        }
    }

    private static void CheckIgnored(LintContext context, FileInstruction instruction, string verb)
    {
        // With "!" patterns a folder may be ignored and still have something in it.
        if (context.Options.IgnoreFile is not { Patterns: { HasNegations: false, IsEmpty: false } patterns })
        {
            return;
        }

        foreach (string source in instruction.Sources)
        {
            if (source.Contains("://", StringComparison.Ordinal) || source.Contains('$', StringComparison.Ordinal))
            {
                continue;
            }

            string path = CleanPath.Of("/" + source)[1..];
            bool ignored = path.Length == 0
                ? patterns.Patterns.Any(pattern => pattern.Text is "*" or "**" or "**/*")
                : patterns.MatchesOrParent(Encoding.UTF8.GetBytes(path));
            if (ignored)
            {
                context.Report(
                    LintRules.CopyIgnoredFile,
                    instruction,
                    $"Attempting to {verb} file {GoQuote.Quote(source)} that is excluded by .dockerignore");
            }
        }
    }

    private sealed record StageState
    {
        public bool HasShell { get; init; }

        public bool HasWorkdir { get; init; }
    }
}
