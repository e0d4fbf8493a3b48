using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.Server.Hosting;

/// <summary>The meters of this process, from the start of its first server on, in Prometheus' text format 0.0.4.</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>The upper bounds of the histograms' buckets, in seconds.</summary>
    private static readonly double[] Bounds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30];

    private static readonly ConcurrentDictionary<(Instrument Instrument, string Labels), Series> All = new();

    private static readonly MeterListener Listener = Listen();

    /// <summary>Begins to listen, if nobody has yet.</summary>
    public static void Begin() => GC.KeepAlive(Listener);

    public static string Write()
    {
        Listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var instrument in All.GroupBy(series => series.Key.Instrument).OrderBy(group => group.Key.Name, StringComparer.Ordinal))
        {
            var (name, type) = Describe(instrument.Key);
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {instrument.Key.Description}\n# TYPE {name} {type}\n");
            foreach (var ((_, labels), series) in instrument.OrderBy(series => series.Key.Labels, StringComparer.Ordinal))
                series.Write(text, name, labels, isHistogram: type == "histogram");
        }

        return text.ToString();
    }

    private static MeterListener Listen()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == ProvisioningMetrics.MeterName)
                    l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        listener.Start();
        return listener;
    }

    private static void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new StringBuilder();
        foreach (var (name, label) in tags)
            labels.Append(labels.Length == 0 ? "" : ",").Append(Name(name)).Append("=\"").Append(Escaped(Convert.ToString(label, CultureInfo.InvariantCulture)!)).Append('"');
        All.GetOrAdd((instrument, labels.ToString()), _ => new()).Add(value, isSet: instrument.IsObservable);
    }

    private static (string Name, string Type) Describe(Instrument instrument)
    {
        var name = Name(instrument.Name) + (instrument.Unit == "s" ? "_seconds" : "");
        return instrument is Counter<long> ? ($"{name}_total", "counter") : (name, instrument is Histogram<double> ? "histogram" : "gauge");
    }

    private static string Name(string name) => name.Replace('.', '_');

    private static string Escaped(string label) => label.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private sealed class Series
    {
        private readonly long[] _buckets = new long[Bounds.Length];
        private readonly Lock _lock = new();
        private double _sum;
        private long _count;

        public void Add(double value, bool isSet)
        {
            lock (_lock)
            {
                _sum = isSet ? value : _sum + value;
                _count++;
                for (var i = 0; i < Bounds.Length; i++)
                    if (value <= Bounds[i])
                        _buckets[i]++;
            }
        }

        public void Write(StringBuilder text, string name, string labels, bool isHistogram)
        {
            lock (_lock)
            {
                if (!isHistogram)
                {
                    text.Append(CultureInfo.InvariantCulture, $"{name}{(labels.Length == 0 ? "" : $"{{{labels}}}")} {_sum}\n");
                    return;
                }

                var comma = labels.Length == 0 ? "" : ",";
                for (var i = 0; i < Bounds.Length; i++)
                    text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{labels}{comma}le=\"{Bounds[i]}\"}} {_buckets[i]}\n");
                text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{labels}{comma}le=\"+Inf\"}} {_count}\n{name}_sum{{{labels}}} {_sum}\n{name}_count{{{labels}}} {_count}\n");
            }
        }
    }
}
