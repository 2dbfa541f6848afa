using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Configuration;
using NodaTime.Text;
using TaggingPipeline.ServiceDefaults.Bus;
using TaggingPipeline.ServiceDefaults.Stores;

namespace TaggingPipeline.ServiceDefaults.Settings;

/// <summary>What every setting must satisfy, alone and together with others.</summary>
internal static class SettingsCheck
{
    private static readonly Dictionary<string, string> ValidValues = new()
    {
        [nameof(TaggingSettings.Store)] = StoreAddress.Forms,
        [nameof(TaggingSettings.Bus)] = BusAddress.Forms,
        [nameof(TaggingSettings.Rulebook)] = "the path of a rulebook file, such as docs/examples/demo-shop.yaml",
        [nameof(TaggingSettings.AsOf)] = "an instant, such as 1997-09-30T23:59:59Z",
        [nameof(TaggingSettings.Urls)] = "http://HOST:PORT, several separated by semicolons, such as http://127.0.0.1:8080",
        [nameof(TaggingSettings.WriteKeys)] = "one or more keys, separated by commas",
        [nameof(TaggingSettings.ApiKeys)] = "one or more keys, separated by commas",
        [nameof(TaggingSettings.EventsPerSecond)] = "a whole number from 0 (no limit) to 1000000",
        [nameof(TaggingSettings.PublishGuardPercent)] = "a whole number from 0 (no guard) to 1000",
        [nameof(TaggingSettings.WebhooksMayReach)] = "ranges of addresses, separated by commas, such as 10.1.0.0/16, fd00::/8",
    };

    /// <summary>What to tell where no rulebook was ever published.</summary>
    /// <param name="missing">The file that is given, but not there; null where none is given.</param>
    public static string NoRulebook(string? missing = null) => Problem(
        nameof(TaggingSettings.Rulebook), $"{(missing is null ? "is missing" : $"there is no file '{Path.GetFullPath(missing)}'")}, and no rulebook was published to the store yet");

    /// <summary>Options that name no setting: a slip of the pen must not pass for the default.</summary>
    public static IEnumerable<string> Unknown(IReadOnlyDictionary<string, string?> options) =>
        from name in options.Keys
        where !ValidValues.Keys.Contains(name, StringComparer.OrdinalIgnoreCase)
        select $"There is no setting {name}. Settings: {string.Join(", ", ValidValues.Keys.Select(known => new SettingName(known).ToString()))}.";

    /// <summary>Whether an environment variable names a file with the value of a setting.</summary>
    public static bool IsFileOfSetting(string variable) =>
        ValidValues.Keys.Any(name => variable == new SettingName(name).EnvironmentVariable + SettingName.FileSuffix);

    /// <summary>The binder would throw at a number that is none.</summary>
    public static string? UnreadableNumber(IConfiguration section)
    {
        foreach (var name in (string[])[nameof(TaggingSettings.EventsPerSecond), nameof(TaggingSettings.PublishGuardPercent)])
        {
            if (section[name] is { } text && !int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
                return Problem(name, $"'{text}' is not a whole number");
        }

        return null;
    }

    public static IEnumerable<string> Problems(TaggingSettings settings, bool withCustomers) =>
        from problem in ProblemsByName(settings)
        where withCustomers || problem.Name != nameof(settings.Store)
        select Problem(problem.Name, problem.Complaint);

    private static IEnumerable<(string Name, string Complaint)> ProblemsByName(TaggingSettings settings)
    {
        var outOfBounds = new List<ValidationResult>();
        Validator.TryValidateObject(settings, new ValidationContext(settings), outOfBounds, validateAllProperties: true);
        var wrong = outOfBounds.SelectMany(result => result.MemberNames).Distinct().ToArray();
        foreach (var name in wrong)
            yield return (name, Value(settings, name) is { Length: > 0 } value ? $"'{value}' is out of bounds" : "is missing");

        foreach (var found in Complaints(settings).Where(found => !wrong.Contains(found.Name)))
            yield return found;
    }

    private static IEnumerable<(string Name, string Complaint)> Complaints(TaggingSettings settings)
    {
        // Neither value is repeated as it is: it may carry a password.
        if (!StoreAddress.TryParse(settings.Store, out _, out var storeError))
            yield return (nameof(settings.Store), storeError);
        if (!BusAddress.TryParse(settings.Bus, out _, out var error))
            yield return (nameof(settings.Bus), error);
        if (!string.IsNullOrEmpty(settings.AsOf) && !InstantPattern.ExtendedIso.Parse(settings.AsOf).Success)
            yield return (nameof(settings.AsOf), $"'{settings.AsOf}' is not an instant in UTC");
        if (settings.WriteKeyList().Count == 0)
            yield return (nameof(settings.WriteKeys), "names no key");
        if (settings.ApiKeyList().Count == 0)
            yield return (nameof(settings.ApiKeys), "names no key");

        foreach (var range in settings.WebhookRangeList().Where(range => !IPNetwork.TryParse(range, out _)))
            yield return (nameof(settings.WebhooksMayReach), $"'{range}' is not a range of addresses");

        var addresses = settings.Addresses();
        foreach (var address in addresses.Where(address => !address.IsValid))
            yield return (nameof(settings.Urls), $"'{address}' is not an address to listen on");
        if (settings.UsesDevelopmentKeys() && addresses.FirstOrDefault(address => address is { IsValid: true, IsLoopback: false }) is { } open)
        {
            yield return (nameof(settings.Urls),
                $"'{open}' can be reached from elsewhere, but the keys in force are the development keys that everybody knows. Either listen on this machine only "
                + $"(localhost, 127.0.0.1 or [::1]), or set keys of your own with {new SettingName(nameof(settings.WriteKeys))} and {new SettingName(nameof(settings.ApiKeys))}");
        }
    }

    private static string? Value(TaggingSettings settings, string name) =>
        Convert.ToString(typeof(TaggingSettings).GetProperty(name)?.GetValue(settings), CultureInfo.InvariantCulture);

    private static string Problem(string name, string complaint) => $"Setting {new SettingName(name)}: {complaint}. Valid: {ValidValues[name]}.";
}
