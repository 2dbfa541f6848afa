using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Rules.Binding;

/// <summary>Binds the windows of aggregates.</summary>
internal static class WindowBinding
{
    /// <param name="window">Null where the call has none.</param>
    /// <returns>False after an error.</returns>
    public static bool TryBind(CallSyntax call, BindingContext context, out Window? window)
    {
        window = null;
        if (call.Arguments.Length > 2)
        {
            context.Error(call.Arguments[2].Span, $"`{call.Name}` takes events and a window; expected `{call.Name}(events, 90d)`");
            return false;
        }

        if (call.Arguments.Length < 2)
            return true;
        window = call.Arguments[1] switch
        {
            DurationSyntax { Milliseconds: > 0 } duration => new RollingWindow(duration.Milliseconds, 0),
            WindowSyntax { Unit: null, Length: > 0 } rolling => new RollingWindow(rolling.Length, rolling.Offset),
            WindowSyntax { Unit: { } unit } calendar => new CalendarWindow(unit, calendar.Length, calendar.Offset),
            _ => null,
        };
        if (window is null)
            context.Error(call.Arguments[1].Span, "expected a window, such as `90d`, `36h`, `today`, `this month`, `last week` or `3 calendar days`");
        return window is not null;
    }
}
