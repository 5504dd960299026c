using System.Globalization;

namespace Strata.Dockerfile;

internal sealed class HealthCheckReader(ErrorList errors)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    public HealthCheckInstruction? Read(Statement statement)
    {
        if (statement.Arguments is not ArgumentSyntax.HealthCheck given)
        {
            errors.Add(statement.Range, "HEALTHCHECK requires at least one argument", "write HEALTHCHECK CMD command or HEALTHCHECK NONE");
            return null;
        }

        bool hasTest = given.Test is not (ArgumentSyntax.Nothing or ArgumentSyntax.Words { Values.IsEmpty: true });
        switch (given.Type.ToUpperInvariant())
        {
            case "NONE":
                FlagSet.Read(statement, errors);
                if (hasTest)
                {
                    errors.Add(statement.Range, "HEALTHCHECK NONE takes no arguments");
                }

                return new HealthCheckInstruction { Source = statement.Source };
            case "CMD" when hasTest:
                return WithTest(statement, given.Test.ToCommandLine());
            case "CMD":
                errors.Add(statement.Range, "Missing command after HEALTHCHECK CMD");
                return null;
            default:
                errors.Add(
                    statement.Range, $"Unknown type {GoQuote.Quote(given.Type.ToUpperInvariant())} in HEALTHCHECK (try CMD)");
                return null;
        }
    }

    private HealthCheckInstruction? WithTest(Statement statement, CommandLine test)
    {
        FlagSet? flags = FlagSet.Read(statement, errors, "interval", "timeout", "start-period", "start-interval", "retries");
        return flags is null ? null : new HealthCheckInstruction
        {
            Source = statement.Source,
            Test = test,
            Interval = Duration("interval"),
            Timeout = Duration("timeout"),
            StartPeriod = Duration("start-period"),
            StartInterval = Duration("start-interval"),
            Retries = Retries(),
        };

        TimeSpan Duration(string name)
        {
            if (flags.Value(name) is not { Length: > 0 } value)
            {
                return TimeSpan.Zero;
            }

            if (!GoDuration.TryParse(value, out TimeSpan duration))
            {
                errors.Add(
                    statement.Range,
                    $"invalid duration {GoQuote.Quote(value)} for --{name}",
                    "write a number and a unit, such as 30s or 1m30s");
            }
            else if (duration != TimeSpan.Zero && duration < Shortest)
            {
                errors.Add(statement.Range, $"Interval {GoQuote.Quote(name)} cannot be less than 1ms");
            }

            return duration;
        }

        int Retries()
        {
            if (flags.Value("retries") is not { Length: > 0 } value)
            {
                return 0;
            }

            if (!int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int retries))
            {
                errors.Add(statement.Range, $"invalid number {GoQuote.Quote(value)} for --retries");
            }
            else if (retries < 0)
            {
                errors.Add(statement.Range, string.Create(CultureInfo.InvariantCulture, $"--retries cannot be negative ({retries})"));
            }

            return retries;
        }
    }
}
