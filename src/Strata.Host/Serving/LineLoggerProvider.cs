using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Strata.Host.Serving;

/// <summary>One line an event: time, level, words.</summary>
internal sealed class LineLoggerProvider(TextWriter writer, TimeProvider time) : ILoggerProvider, ILogger
{
    private readonly Lock _lock = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }
        lock (_lock)
        {
            writer.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {logLevel.ToString().ToLowerInvariant()} {OneLine(formatter(state, exception) + (exception is null ? "" : ": " + exception.Message))}"));
            writer.Flush();
        }
    }

    public void Dispose()
    {
    }

    /// <summary>Clients choose the paths that are told of: none makes a line of its own, or commands the terminal that shows the log.</summary>
    private static string OneLine(string text) => !text.Any(IsCommand)
        ? text
        : string.Concat(text.Select(c => IsCommand(c) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : c.ToString()));

    private static bool IsCommand(char c) => char.IsControl(c) || c is '\u2028' or '\u2029';
}
