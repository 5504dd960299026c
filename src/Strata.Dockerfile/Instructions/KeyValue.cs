namespace Strata.Dockerfile;

/// <summary>A name and a value, both as written (quotes and variables included).</summary>
public readonly record struct KeyValue(string Key, string Value);
