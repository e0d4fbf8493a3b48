namespace CdfProvisioning.Lists;

internal static class RowFailures
{
    extension(CdfException failure)
    {
        /// <summary>Whether only one row fails; otherwise the registry, the disk or the account is in trouble, and so is every row.</summary>
        public bool IsOfTheRow => failure.Code is not (CdfErrorCode.Unavailable or CdfErrorCode.AccessDenied or CdfErrorCode.Throttled);
    }
}
